"""The commands of `bin/recoup`, one module each: HELP, add_arguments(parser), run(arguments, house) -> exit code."""
