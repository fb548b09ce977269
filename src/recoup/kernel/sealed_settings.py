"""Secrets in settings are sealed: what stands in files and lists of processes opens nothing without the field key."""

MARK = "sealed:"
#: Settings that carry a secret of somebody else's, with what each says when it carries none.
EMPTY = {"RECOUP_TWILIO_AUTH_TOKEN": "", "RECOUP_SMS_HEADERS": "{}"}
