"""What a company's identity provider says by SAML 2.0: signed assertions, and on demand wrong ones.

The names and the order of elements are those of the OASIS schemas saml-schema-protocol-2.0 and
saml-schema-assertion-2.0; signatures are enveloped, RSA-SHA256, exclusive canonical XML.
"""

import copy
import datetime as dt
import secrets
from typing import Any

import lxml.etree as xml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner

P, A = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
MD, DS = "urn:oasis:names:tc:SAML:2.0:metadata", "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"samlp": P, "saml": A}
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL = "urn:oid:0.9.2342.19200300.100.1.3"
DISPLAY_NAME = "urn:oid:2.16.840.1.113730.3.1.241"
MINUTES = 5


def certificate_of(key: RSAPrivateKey) -> str:
    """A certificate that the provider signs itself, in PEM form, as most companies' providers have it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Practice identity provider")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def metadata(here: str, certificate: str) -> str:
    """What a service provider reads to know this one."""
    body = "".join(line for line in certificate.splitlines() if "-----" not in line)
    return (
        f'<EntityDescriptor xmlns="{MD}" entityID="{here}"><IDPSSODescriptor protocolSupportEnumeration="{P}">'
        f'<KeyDescriptor use="signing"><KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{body}</X509Certificate>'
        f"</X509Data></KeyInfo></KeyDescriptor>"
        f'<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{here}"/>'
        f"</IDPSSODescriptor></EntityDescriptor>"
    )


def answer(
    *,
    issuer: str,
    question: str,
    destination: str,
    audience: str,
    person: dict[str, Any],
    key: RSAPrivateKey,
    certificate: str,
    forgery: str = "",
) -> bytes:
    """The response to an authentication request, its assertion signed; wrong in one way when a forgery is named."""
    now = dt.datetime.now(dt.UTC)
    if forgery == "expired":
        now -= dt.timedelta(hours=1)
    if forgery == "foreign_address":
        person = {**person, "email": "stranger@elsewhere.example"}
    if forgery == "wrong_destination":
        destination = "https://elsewhere.example/acs/"
    question = "" if forgery == "no_question" else question
    assertion = _assertion(
        issuer="https://impostor.example" if forgery == "wrong_issuer" else issuer,
        question=question,
        destination=destination,
        audience="https://elsewhere.example" if forgery == "wrong_audience" else audience,
        person=person,
        now=now,
    )
    if forgery == "comment":
        value = next(one for one in assertion.iter(f"{{{A}}}AttributeValue") if one.text == person["email"])
        value.append(xml.Comment(".elsewhere.example"))
    if forgery != "unsigned":
        assertion = _signed(assertion, key=key, certificate=certificate)
    response = _response(issuer=issuer, question=question, destination=destination, now=now)
    if forgery == "wrapped":
        response.append(_evil_twin(assertion))
    response.append(assertion)
    return bytes(xml.tostring(response))


def _response(*, issuer: str, question: str, destination: str, now: dt.datetime) -> Any:
    told = {"ID": _id(), "Version": "2.0", "IssueInstant": _instant(now), "Destination": destination}
    response = xml.Element(f"{{{P}}}Response", {**told, **({"InResponseTo": question} if question else {})}, NAMES)
    xml.SubElement(response, f"{{{A}}}Issuer").text = issuer
    status = xml.SubElement(response, f"{{{P}}}Status")
    xml.SubElement(status, f"{{{P}}}StatusCode", {"Value": SUCCESS})
    return response


def _assertion(
    *, issuer: str, question: str, destination: str, audience: str, person: dict[str, Any], now: dt.datetime
) -> Any:
    until = now + dt.timedelta(minutes=MINUTES)
    assertion = xml.Element(
        f"{{{A}}}Assertion", {"ID": _id(), "Version": "2.0", "IssueInstant": _instant(now)}, {"saml": A}
    )
    xml.SubElement(assertion, f"{{{A}}}Issuer").text = issuer
    xml.SubElement(assertion, f"{{{DS}}}Signature", {"Id": "placeholder"}, {"ds": DS})
    subject = xml.SubElement(assertion, f"{{{A}}}Subject")
    xml.SubElement(subject, f"{{{A}}}NameID", {"Format": PERSISTENT}).text = person["sub"]
    confirmation = xml.SubElement(subject, f"{{{A}}}SubjectConfirmation", {"Method": BEARER})
    asked = {"InResponseTo": question} if question else {}
    xml.SubElement(
        confirmation,
        f"{{{A}}}SubjectConfirmationData",
        {**asked, "Recipient": destination, "NotOnOrAfter": _instant(until)},
    )
    conditions = xml.SubElement(
        assertion,
        f"{{{A}}}Conditions",
        {"NotBefore": _instant(now - dt.timedelta(seconds=30)), "NotOnOrAfter": _instant(until)},
    )
    restriction = xml.SubElement(conditions, f"{{{A}}}AudienceRestriction")
    xml.SubElement(restriction, f"{{{A}}}Audience").text = audience
    statement = xml.SubElement(assertion, f"{{{A}}}AuthnStatement", {"AuthnInstant": _instant(now)})
    context = xml.SubElement(statement, f"{{{A}}}AuthnContext")
    xml.SubElement(context, f"{{{A}}}AuthnContextClassRef").text = PASSWORD
    attributes = xml.SubElement(assertion, f"{{{A}}}AttributeStatement")
    for name, values in ((EMAIL, [person["email"]]), (DISPLAY_NAME, [person["name"]]), ("groups", person["groups"])):
        attribute = xml.SubElement(attributes, f"{{{A}}}Attribute", {"Name": name})
        for value in values:
            xml.SubElement(attribute, f"{{{A}}}AttributeValue").text = value
    return assertion


def _signed(assertion: Any, *, key: RSAPrivateKey, certificate: str) -> Any:
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"
    )
    return signer.sign(assertion, key=key, cert=certificate, reference_uri=assertion.attrib["ID"])


def _evil_twin(assertion: Any) -> Any:
    """Signature wrapping: an assertion of the attacker's making stands first, the signed one behind it."""
    twin = copy.deepcopy(assertion)
    twin.attrib["ID"] = _id()
    signature = twin.find(f"{{{DS}}}Signature")
    twin.remove(signature)
    for value in twin.iter(f"{{{A}}}AttributeValue"):
        if value.text and "@" in value.text:
            value.text = "ravi@" + value.text.partition("@")[2]
    return twin


def _id() -> str:
    return f"_{secrets.token_hex(16)}"


def _instant(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
