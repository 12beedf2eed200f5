"""Tools for language models, over the Model Context Protocol (extra `mcp`).

Reading is always possible, and bounded. Writing must be allowed when the server is started, and
each write names the exact number of submissions that it is about.
"""
