"""The rules of the domain, one by one."""
