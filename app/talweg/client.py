"""Starts a worker, sends it requests, commits its events to the document, and restarts it when it dies. Free of Qt."""
