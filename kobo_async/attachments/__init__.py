"""The files of submissions as a folder that follows the server."""
