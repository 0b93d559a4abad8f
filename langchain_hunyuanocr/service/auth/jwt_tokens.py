"""JSON Web Tokens: verified with a secret or with the keys that an OAuth provider publishes (JWKS)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from jwt import PyJWKClient, PyJWKClientConnectionError, PyJWKClientError, PyJWKSetError

from langchain_hunyuanocr.errors import ServiceError
from langchain_hunyuanocr.service.auth.caller import Caller, known_scopes
from langchain_hunyuanocr.service.settings import Access

_TIMEOUT_S = 10
_UNREACHABLE_S = 10.0
"""How long a provider that does not answer is left alone, so that tokens are not each a wait of their own."""
_UNKNOWN_S = 30.0
"""How long the keys are taken for all that there are, so that made-up tokens do not each fetch them."""


class JwksClient(PyJWKClient):
    """The keys at an address.

    Args:
        address: Of the JSON Web Key Set.

    Raises:
        PyJWKClientError: It is no address of http or https.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address, timeout=_TIMEOUT_S, cooldown_duration=_UNKNOWN_S)
        self._failure: str | None = None
        self._failed_at = 0.0

    def fetch_data(self) -> Any:
        """The key set as it is published.

        Raises:
            PyJWKClientConnectionError: It cannot be fetched, or could not a moment ago.
        """
        if self._failure is not None and time.monotonic() - self._failed_at < _UNREACHABLE_S:
            raise PyJWKClientConnectionError(self._failure)
        try:
            fetched = super().fetch_data()
        except (PyJWKClientError, PyJWKSetError, ValueError, OSError) as exc:
            self._failure = str(exc)
            self._failed_at = time.monotonic()
            raise PyJWKClientConnectionError(self._failure) from exc
        self._failure = None
        return fetched


_LEAST_SECRET_BYTES = 32
"""RFC 7518, 3.2: a key for HS256 is as long as its hash."""


class TokenVerifier:
    """Checks tokens.

    A token must tell its subject and its end, and carry its scopes as `scope` (one string) or `scp` (a list or one
    string). Each algorithm has its own key, so that a public key can never be taken for a secret.

    Raises:
        ServiceError: The secret is too short, the key cannot be read, or the audience is missing.
    """

    def __init__(self, access: Access) -> None:
        import jwt

        self._issuer = access.jwt_issuer
        self._audience = access.jwt_audience
        self._keys: dict[str, Any] = {}
        self._published: Any = None
        if access.jwt_secret is not None:
            secret = access.jwt_secret.get_secret_value()
            if len(secret.encode()) < _LEAST_SECRET_BYTES:
                raise ServiceError(
                    f"the secret of the tokens is shorter than {_LEAST_SECRET_BYTES} bytes",
                    remedy="make one with: openssl rand -base64 48",
                )
            self._keys["HS256"] = secret
        if access.jwt_public_key is not None:
            self._keys["RS256"] = _public_key(access)
        if access.jwks_url is not None:
            if access.jwt_audience is None:
                # Any application of the provider gets tokens with its signature.
                raise ServiceError("a JWKS address needs an audience", remedy="add --jwt-audience")

            try:
                self._published = JwksClient(access.jwks_url)
            except jwt.PyJWKClientError as exc:
                raise ServiceError(str(exc), source=access.jwks_url) from exc

    def caller(self, token: str) -> Caller | str:
        """Whose a token is, or why it is nobody's; blocks while keys are fetched.

        Raises:
            ServiceError: The keys of its issuer cannot be fetched.
        """
        import jwt

        try:
            algorithm = jwt.get_unverified_header(token).get("alg")
            claims = jwt.decode(
                token,
                self._key(token, str(algorithm)),
                algorithms=[str(algorithm)],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
        except jwt.ExpiredSignatureError:
            return "the token has expired"
        except jwt.PyJWKClientConnectionError as exc:
            raise ServiceError(f"the keys of the tokens' issuer cannot be fetched: {exc}") from exc
        except (jwt.PyJWTError, TypeError):  # the latter for a published key of another kind
            # What exactly is wrong is of use only to whoever forges one.
            return "the token is not valid"
        return Caller(f"sub:{claims['sub']}", known_scopes(_scopes(claims)))

    def _key(self, token: str, algorithm: str) -> Any:
        import jwt

        if algorithm in self._keys:
            return self._keys[algorithm]
        if algorithm == "RS256" and self._published is not None:
            return self._published.get_signing_key_from_jwt(token).key
        raise jwt.InvalidAlgorithmError


def _public_key(access: Access) -> str:
    path = access.jwt_public_key
    if path is None:
        raise ValueError("there is no key")
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        pem = path.read_bytes()
        if not isinstance(load_pem_public_key(pem), RSAPublicKey):
            raise ValueError
    except OSError as exc:
        raise ServiceError(f"cannot be read: {exc.strerror}", source=str(path)) from exc
    except ValueError as exc:
        raise ServiceError("is no public RSA key in PEM", source=str(path)) from exc
    return pem.decode()


def _scopes(claims: Mapping[str, Any]) -> list[object]:
    found: list[object] = []
    for name in ("scope", "scp"):
        value = claims.get(name)
        if isinstance(value, str):
            found += value.split()
        elif isinstance(value, list):
            found += [one for one in value if isinstance(one, str)]
    return found
