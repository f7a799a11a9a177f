"""Secrets at rest: encrypted with a key that the database does not hold."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from aiworker.core.errors import Unavailable


class SecretBox:
    """Encrypts texts with a key derived from SECRET_KEY (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, secret_key: str) -> None:
        self._key = secret_key.encode()
        digest = hashlib.sha256(b"aiworker:at-rest:" + self._key).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def encrypt(self, data: bytes) -> bytes:
        """Bytes, sealed."""
        return self._fernet.encrypt(data)

    def decrypt(self, token: bytes) -> bytes:
        """What was sealed. Raises: Unavailable if SECRET_KEY is not the one that it was sealed with."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken as error:
            raise Unavailable(
                "A stored secret cannot be read with this SECRET_KEY; set the old key, or set the value anew.",
                code="secret_key_changed",
            ) from error

    def seal(self, text: str) -> str:
        """As it may lie in the database."""
        return self.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again. Raises: as `decrypt`."""
        return self.decrypt(sealed.encode()).decode()

    def derive(self, purpose: str) -> str:
        """A secret of its own for a purpose, the same wherever SECRET_KEY is the same: 64 hex digits."""
        return hmac.new(self._key, b"aiworker:derived:" + purpose.encode(), hashlib.sha256).hexdigest()
