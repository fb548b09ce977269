"""The commands of `bin/recoup`, one module each: add_arguments(parser), run(arguments, house) -> exit code."""
