"""The heart of Recoup: refund cases, their evidence, decisions, returns, appeals and deadlines."""
