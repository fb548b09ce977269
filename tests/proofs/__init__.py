"""The rig proves itself."""
