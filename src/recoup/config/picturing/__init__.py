"""Every page as each kind of person sees it: who they are, how they get there, and a walk along all links.

`bin/recoup screenshots` takes pictures on the way; the journeys hold each page against the rules of accessibility.
"""
