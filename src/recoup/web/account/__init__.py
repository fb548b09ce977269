"""Accounts at the pages: signing in, second factors, devices. The flows are django-allauth's; the rules are ours."""
