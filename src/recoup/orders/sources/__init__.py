"""Where order documents come from: files of tables and of nested JSON. Each yields documents with their origin."""
