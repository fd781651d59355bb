"""Superset's own settings: where it keeps its things, its secret, and nothing open that need not be."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["SUPERSET_DATABASE_URL"]
TALISMAN_ENABLED = True
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
AUTH_ROLE_PUBLIC = None
FEATURE_FLAGS = {"EMBEDDED_SUPERSET": False}
