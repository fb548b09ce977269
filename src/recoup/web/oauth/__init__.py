"""Recoup as an OpenID Connect provider: for companies' servers, for the apps and booths of their staff (docs/oauth.md).

oauthlib reads the protocol, `rules` decides, identity's actions keep what was decided; allauth's tables hold it.
"""
