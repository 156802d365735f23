"""Domain values to protobuf messages and back; every message that crosses an edge passes here.

Deliberately absent: I/O, rules, and knowledge of Kafka or gRPC (DESIGN section 4).
"""
