"""An access token from a provider's token server (OAuth 2.0, RFC 6749), in place of a password."""

from __future__ import annotations

import ssl

import httpx

from enterprise.errors import NeedsPersonError, SourceUnreachableError
from enterprise.sources import OAuth2
from etl.sources.tls import certificate_fault, tls_context

_SHOWN = 200
_SECOND_THOUGHTS = frozenset({408, 425, 429})


def access_token(settings: OAuth2, timeout_seconds: float) -> str:
    """Ask for a token: by the refresh token where one is given, else in the application's own name.

    Args:
        settings: where and how to ask.
        timeout_seconds: how long to wait for the connection, and for each next part of the answer.

    Raises:
        SourceUnreachableError: if the token server cannot be reached, hangs or has no token just now.
        NeedsPersonError: if its certificate is not good, or it refuses, with its own reason.
        SettingsError: if `ca_file` cannot be read.
    """
    place = f"the token server {httpx.URL(settings.token_url).host}"
    form = {"client_id": settings.client_id, "client_secret": settings.client_secret.get_secret_value()}
    if settings.refresh_token is None:
        form["grant_type"] = "client_credentials"
    else:
        form |= {"grant_type": "refresh_token", "refresh_token": settings.refresh_token.get_secret_value()}
    if settings.scope:
        form["scope"] = settings.scope
    try:
        with httpx.Client(verify=tls_context(settings.ca_file), timeout=timeout_seconds, follow_redirects=False) as client:
            answer = client.post(settings.token_url, data=form, headers={"Accept": "application/json"})
    except httpx.HTTPError as error:
        fault = _certificate_error(error)
        if fault is not None:
            raise NeedsPersonError(
                f"{place}: the server's certificate {certificate_fault(fault)}; nothing was sent to it. Check `token_url`, or "
                "set `oauth2.ca_file` to the certificate of the authority that signed it"
            ) from error
        raise SourceUnreachableError(
            f"{place} cannot be reached or broke off ({type(error).__name__}); it is tried again next time: check `token_url` "
            "and the network"
        ) from error
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code in _SECOND_THOUGHTS:
        raise SourceUnreachableError(f"{place} gives no token just now (HTTP {answer.status_code}); it is tried again next time")
    content = _object_in(answer)
    token = content.get("access_token")
    if answer.status_code == httpx.codes.OK and isinstance(token, str) and token:
        return token
    said = _without_secrets(f"{content.get('error', '')} {content.get('error_description', '')}", form)
    reason = "".join(letter for letter in said[:_SHOWN] if letter.isprintable()).strip()  # a terminal obeys the others
    raise NeedsPersonError(
        f"{place} gives no token (HTTP {answer.status_code} {reason}); check `client_id`, `scope` and "
        "the variables behind `client_secret` and `refresh_token`: they expire, and a person has to renew them at the provider"
    )


def _object_in(answer: httpx.Response) -> dict[str, object]:
    """The JSON object of an answer; empty if it holds none."""
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _without_secrets(text: str, form: dict[str, str]) -> str:
    for name in ("client_secret", "refresh_token"):
        if form.get(name):
            text = text.replace(form[name], "***")
    return text


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The certificate's fault behind an error of the client, if that is what it is."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
