"""Read models: figures, patterns and tables for desk, city and machines.

Deliberately absent: any change of state, and figures without their denominators (F31, F33 to F36).
"""
