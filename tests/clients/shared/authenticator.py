"""A virtual authenticator: what a security key or a phone does when a page makes a passkey or signs in with one (WebAuthn).

It is built of the primitives of Yubico's `fido2`, so that client data, authenticator data and attestation are encoded by
another library than the one that reads them. Keys are ES256, discoverable, and the user is always verified.
"""

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG


class Authenticator:
    """`navigator.credentials` of a page at `origin`; takes the options of the server and gives the JSON of WebAuthn Level 3."""

    def __init__(self, origin):
        self.origin = origin
        self.passkeys = {}
        self.counter = 0

    def create(self, options):
        """Makes a passkey."""
        private = ec.generate_private_key(ec.SECP256R1())
        site, name = options["rp"]["id"], os.urandom(32)
        self.passkeys[site] = (name, private, websafe_decode(options["user"]["id"]))
        public = ES256.from_cryptography_key(private.public_key())
        made = AttestedCredentialData.create(b"\0" * 16, name, public)
        data = self._data(site, FLAG.AT, made)
        client_data = CollectedClientData.create("webauthn.create", options["challenge"], self.origin)
        return self._credential(name, {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            "authenticatorData": websafe_encode(data),
            "publicKey": websafe_encode(_spki(private)),
            "publicKeyAlgorithm": -7,
            "transports": ["internal"],
        })

    def get(self, options):
        """Signs in with the passkey of the site."""
        site = options["rpId"]
        name, private, user = self.passkeys[site]
        client_data = CollectedClientData.create("webauthn.get", options["challenge"], self.origin)
        data = self._data(site, FLAG(0))
        return self._credential(name, {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(private.sign(data + client_data.hash, ec.ECDSA(hashes.SHA256()))),
            "userHandle": websafe_encode(user),
        })

    def _data(self, site, flags, made=b""):
        self.counter += 1
        return AuthenticatorData.create(sha256(site.encode()), flags | FLAG.UP | FLAG.UV, self.counter, made)

    @staticmethod
    def _credential(name, response):
        return {
            "id": websafe_encode(name),
            "rawId": websafe_encode(name),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


def _spki(private):
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
