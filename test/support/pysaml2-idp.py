"""A SAML identity provider on loopback by pysaml2 and xmlsec1: written by others than we and than those of our library.

Prints `listening <port>`. Answers /metadata, /sso (redirect and POST), /logout (sends the browser to the service provider) and /slo
(takes its answer). POST /control with JSON says who signs in, how, and (`sp`) whose metadata count.
"""
import functools
import json
import re
import sys
from base64 import b64decode, b64encode
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, entity, sigver
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.sigver import verify_redirect_signature

KEY, CERT = sys.argv[1], sys.argv[2]
SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
SHA256_DIGEST = 'http://www.w3.org/2001/04/xmlenc#sha256'

# Its own default is Triple DES.
entity.pre_encryption_part = functools.partial(sigver.pre_encryption_part, msg_enc='http://www.w3.org/2009/xmlenc11#aes256-gcm')
ORIGINAL_ENCRYPT = sigver.SecurityContext.encrypt_assertion
sigver.SecurityContext.encrypt_assertion = (
    lambda self, statement, enc_key, template, key_type='aes-256', node_xpath=None:
        ORIGINAL_ENCRYPT(self, statement, enc_key, template, 'aes-256', node_xpath))

state = {'name_id': 'ada', 'attributes': {}, 'encrypt': False, 'signed': 'assertion', 'sp': None}
last = {'session_index': None, 'logout_id': None}


def make_server(base):
    config = {
        'entityid': base + '/metadata',
        'service': {'idp': {
            'name': 'pysaml2',
            'endpoints': {
                'single_sign_on_service': [(base + '/sso', BINDING_HTTP_REDIRECT), (base + '/sso', BINDING_HTTP_POST)],
                'single_logout_service': [(base + '/slo', BINDING_HTTP_REDIRECT)],
            },
            'policy': {'default': {
                'lifetime': {'minutes': 15},
                'attribute_restrictions': None,
                'name_form': 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
            }},
        }},
        'key_file': KEY,
        'cert_file': CERT,
        'xmlsec_binary': '/usr/bin/xmlsec1',
        'signing_algorithm': SHA256,
        'digest_algorithm': SHA256_DIGEST,
        'metadata': {'inline': [state['sp']]} if state['sp'] else {},
    }
    return config, Server(config=IdPConfig().load(config))


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, content_type='text/html', location=None):
        self.send_response(status)
        self.send_header('content-type', content_type)
        if location:
            self.send_header('location', location)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        self.handle_safely({key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('content-length', 0))).decode()
        if self.path == '/control':
            state.update(json.loads(body))
            return self.answer(200, '{}', 'application/json')
        self.handle_safely(dict(parse_qsl(body)), BINDING_HTTP_POST)

    def handle_safely(self, fields, binding=BINDING_HTTP_REDIRECT):
        try:
            getattr(self, 'at_' + urlsplit(self.path).path.strip('/'))(fields, binding)
        except Exception as error:
            self.answer(500, '%s: %s' % (type(error).__name__, error), 'text/plain')

    @property
    def base(self):
        return 'http://127.0.0.1:%d' % self.server.server_port

    def at_metadata(self, _fields, _binding):
        config, _ = make_server(self.base)
        self.answer(200, str(entity_descriptor(IdPConfig().load(config))), 'application/samlmetadata+xml')

    def verified(self, idp, fields, issuer):
        """Whether the query is signed with one of the keys that the metadata name."""
        if 'Signature' not in fields:
            return False
        certs = idp.metadata.certs(issuer, 'spsso', 'signing')
        return any(verify_redirect_signature(fields, idp.sec.sec_backend, cert) for cert in
                   (cert[1] if isinstance(cert, tuple) else cert for cert in certs))

    def at_sso(self, fields, binding):
        _, idp = make_server(self.base)
        request = idp.parse_authn_request(fields['SAMLRequest'], binding)
        issuer = request.message.issuer.text
        if binding == BINDING_HTTP_REDIRECT:
            signed = self.verified(idp, {k: fields[k] for k in ('SAMLRequest', 'RelayState', 'SigAlg', 'Signature') if k in fields}, issuer)
        else:
            # Parsing has verified it, by xmlsec1; without a signature there is none.
            signed = request.message.signature is not None
        target = idp.pick_binding('assertion_consumer_service', [BINDING_HTTP_POST], 'spsso', request=request.message)[1]
        response = str(idp.create_authn_response(
            identity=state['attributes'],
            in_response_to=request.message.id,
            destination=target,
            sp_entity_id=issuer,
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=state['name_id']),
            authn={'class_ref': 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password'},
            sign_assertion=state['signed'] in ('assertion', 'both'),
            sign_response=state['signed'] in ('response', 'both'),
            encrypt_assertion=state['encrypt'],
            sign_alg=SHA256,
            digest_alg=SHA256_DIGEST,
        ))
        found = re.search('SessionIndex="([^"]+)"', response)
        last['session_index'] = found.group(1) if found else None
        message = b64encode(response.encode()).decode()
        self.answer(200, '<form method="post" action="%s" data-signed="%s"><input name="SAMLResponse" value="%s"><input name="RelayState" value="%s"></form>'
                    % (escape(target), str(signed).lower(), message, escape(fields.get('RelayState', ''))))

    def at_logout(self, fields, _binding):
        _, idp = make_server(self.base)
        issuer = fields['sp']
        target = idp.pick_binding('single_logout_service', [BINDING_HTTP_REDIRECT], 'spsso', entity_id=issuer)[1]
        indexes = [last['session_index']] if fields.get('index') else None
        name_id = NameID(format=NAMEID_FORMAT_PERSISTENT, text=state['name_id'])
        logout_id, request = idp.create_logout_request(target, issuer, name_id=name_id, session_indexes=indexes)
        last['logout_id'] = logout_id
        sent = idp.apply_binding(BINDING_HTTP_REDIRECT, str(request), target, 'bye', sign=True, sigalg=SHA256)
        self.answer(302, '', location=dict(sent['headers'])['Location'])

    def at_slo(self, fields, binding):
        _, idp = make_server(self.base)
        signed = self.verified(idp, {k: fields[k] for k in ('SAMLResponse', 'RelayState', 'SigAlg', 'Signature') if k in fields}, fields_issuer(fields))
        response = idp.parse_logout_request_response(fields['SAMLResponse'], binding)
        said = {
            'signed': signed,
            'status': response.response.status.status_code.value,
            'answers': response.response.in_response_to == last['logout_id'],
            'relay_state': fields.get('RelayState'),
        }
        self.answer(200, json.dumps(said), 'application/json')


def fields_issuer(fields):
    import zlib
    xml = zlib.decompress(b64decode(fields['SAMLResponse']), -15).decode()
    return re.search('<saml:Issuer[^>]*>([^<]+)<', xml).group(1)


httpd = HTTPServer(('127.0.0.1', 0), Handler)
print('listening %d' % httpd.server_port, flush=True)
httpd.serve_forever()
