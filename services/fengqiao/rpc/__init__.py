"""The gRPC door: case, federation and directive services, with errors as `google.rpc.Status`.

Deliberately absent: rules and SQL; a servicer translates, calls a handler and translates back.
"""
