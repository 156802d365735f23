"""One async function per command: load, decide, save state and outgoing messages in one transaction.

Deliberately absent: rules (they are in `domain`), SQL text, and knowledge of the door a command came through.
"""
