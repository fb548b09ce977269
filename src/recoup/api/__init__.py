"""The JSON API's assembly: authentication, problems, pages of results. Each context brings its own endpoints."""
