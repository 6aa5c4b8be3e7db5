"""Jobs from a draft to a worker's events in a document: free of Qt, served to the window and the command line alike."""
