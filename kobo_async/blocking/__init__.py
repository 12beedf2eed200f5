"""The client for programs without an event loop: everything waits, nothing is implemented twice."""
