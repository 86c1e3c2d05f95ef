import { expect, test } from 'vitest'
import { authenticationOptions, readAnswer, registrationOptions, verifyAssertion, verifyRegistration } from './passkeys.js'

/** W3C Web Authentication Level 3, section 16: vectors for the relying party `example.org` at `https://example.org`. */
const VECTORS = {
  'none.ES256': {
    credentialId: 'f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4',
    aaguid: '8446ccb9-ab1d-b374-750b-2367ff6f3a1f',
    register: {
      challenge: '00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130',
      clientDataJSON:
        '7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20426b5165446a646354427258426941774a544c453551227d',
      attestationObject:
        'a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220',
    },
    authenticate: {
      challenge: '39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408',
      clientDataJSON:
        '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d',
      authenticatorData: 'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000',
      signature:
        '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
    },
  },
  'packed-self.ES256': {
    credentialId: '455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c',
    aaguid: 'df850e09-db6a-fbdf-ab51-697791506cfc',
    register: {
      challenge: '7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5',
      clientDataJSON:
        '7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c55745936366b336a506a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a205539685458764b453255526b4d6e625f307859485667227d',
      attestationObject:
        'a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d68617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2',
    },
    authenticate: {
      challenge: '4478a10b1352348dd160c1353b0d469b5db19eb91c27f7dfa6fed39fe26af20b',
      clientDataJSON:
        '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a225248696843784e534e493352594d45314f7731476d3132786e726b634a5f6666707637546e2d4a71386773222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a206754623533727a36456853576f6d58477a696d433151227d',
      authenticatorData: 'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50900000000',
      signature:
        '304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66',
    },
  },
}
const CROSS_ORIGIN = {
  credentialId: '6e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57',
  challenge: '3be5aacd03537142472340ab5969f240f1d87716e20b6807ac230655fa4b3b49',
  clientDataJSON:
    '7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463554a484930437257576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a207a5a7175457444523944577170573574425754467567227d',
  attestationObject:
    'a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e',
}

const rp = { id: 'example.org', origins: ['https://example.org'] }
const hex = (text: string) => Buffer.from(text, 'hex')
const url = (text: string) => hex(text).toString('base64url')

function answer(credentialId: string, response: Record<string, string>): Record<string, unknown> {
  const id = url(credentialId)
  return {
    id,
    rawId: id,
    type: 'public-key',
    clientExtensionResults: {},
    response: Object.fromEntries(Object.entries(response).map(([name, value]) => [name, url(value)])),
  }
}

const registrationOf = ({ credentialId, register }: (typeof VECTORS)['none.ES256']) =>
  answer(credentialId, { clientDataJSON: register.clientDataJSON, attestationObject: register.attestationObject })
const assertionOf = ({ credentialId, authenticate: { clientDataJSON, authenticatorData, signature } }: (typeof VECTORS)['none.ES256']) =>
  answer(credentialId, { clientDataJSON, authenticatorData, signature })

async function registered(vector: (typeof VECTORS)['none.ES256']) {
  const passkey = await verifyRegistration(registrationOf(vector), { rp, challenge: hex(vector.register.challenge) })
  if (!passkey) throw new Error('the vector was refused')
  return passkey
}

test.each(Object.keys(VECTORS) as (keyof typeof VECTORS)[])('W3C vector %s registers and signs in', async (name) => {
  const vector = VECTORS[name]
  const passkey = await registered(vector)
  expect(passkey).toMatchObject({ credentialId: hex(vector.credentialId), aaguid: vector.aaguid, signCount: 0 })
  const assertion = await verifyAssertion(assertionOf(vector), {
    rp,
    challenge: hex(vector.authenticate.challenge),
    passkey,
    requireUserVerification: false,
  })
  expect(assertion).toEqual({ signCount: 0, userVerified: false, backedUp: name === 'none.ES256' })
})

test('without user verification an assertion is refused where it is required', async () => {
  const vector = VECTORS['none.ES256']
  const passkey = await registered(vector)
  expect(
    await verifyAssertion(assertionOf(vector), {
      rp,
      challenge: hex(vector.authenticate.challenge),
      passkey,
      requireUserVerification: true,
    }),
  ).toBeNull()
})

test.each([
  ['another origin', { rp: { id: 'example.org', origins: ['https://www.example.org'] } }],
  ['another relying party', { rp: { id: 'example.com', origins: ['https://example.org'] } }],
  ['another challenge', { challenge: Buffer.alloc(32) }],
])('%s is refused in both ceremonies', async (_what, change) => {
  const vector = VECTORS['none.ES256']
  const passkey = await registered(vector)
  const causes: unknown[] = []
  const onRefusal = (cause: unknown) => causes.push(cause)
  expect(
    await verifyRegistration(registrationOf(vector), { rp, challenge: hex(vector.register.challenge), onRefusal, ...change }),
  ).toBeNull()
  expect(
    await verifyAssertion(assertionOf(vector), {
      rp,
      challenge: hex(vector.authenticate.challenge),
      passkey,
      requireUserVerification: false,
      onRefusal,
      ...change,
    }),
  ).toBeNull()
  expect(causes).toHaveLength(2)
})

test('a ceremony in a frame of another origin is refused (W3C vector none.ES256.crossOrigin)', async () => {
  const { credentialId, challenge, ...response } = CROSS_ORIGIN
  expect(await verifyRegistration(answer(credentialId, response), { rp, challenge: hex(challenge) })).toBeNull()
})

test('the signature of one passkey is not one of another, and no bit of it may change', async () => {
  const vector = VECTORS['none.ES256']
  const other = await registered(VECTORS['packed-self.ES256'])
  const passkey = await registered(vector)
  const input = { rp, challenge: hex(vector.authenticate.challenge), requireUserVerification: false }
  expect(await verifyAssertion(assertionOf(vector), { ...input, passkey: { ...other, credentialId: passkey.credentialId } })).toBeNull()
  const flipped = { ...vector.authenticate, authenticatorData: vector.authenticate.authenticatorData.replace(/19(?=0{8}$)/, '1d') }
  expect(await verifyAssertion(assertionOf({ ...vector, authenticate: flipped }), { ...input, passkey })).toBeNull()
})

test.each([
  [{}],
  [{ id: 'AA', response: null }],
  [{ id: 'AA', response: { clientDataJSON: 'e30' } }],
  [{ id: 'A', response: { clientDataJSON: url(VECTORS['none.ES256'].authenticate.clientDataJSON) } }],
  [{ id: 'AA==', response: { clientDataJSON: url(VECTORS['none.ES256'].authenticate.clientDataJSON) } }],
  [{ id: 'AA', response: { clientDataJSON: url(VECTORS['none.ES256'].authenticate.clientDataJSON), userHandle: 5 } }],
])('%j is no answer of an authenticator', async (credential) => {
  expect(readAnswer(credential)).toBeNull()
  expect(await verifyRegistration(credential, { rp, challenge: Buffer.alloc(32) })).toBeNull()
})

test('an answer names its challenge', () => {
  const vector = VECTORS['none.ES256']
  expect(readAnswer(assertionOf(vector))).toEqual({
    credentialId: hex(vector.credentialId),
    challenge: hex(vector.authenticate.challenge),
    userHandle: null,
  })
})

test('options carry the challenge, the relying party and who may answer', async () => {
  const challenge = Buffer.alloc(32, 7)
  const passkey = { credentialId: Buffer.of(1, 2, 3), transports: ['usb'] }
  const creation = await registrationOptions({
    rp, rpName: 'App', userHandle: Buffer.alloc(16, 1), userName: 'ada@example.org', challenge, timeoutSeconds: 300, exclude: [passkey],
  })
  expect(creation).toMatchObject({
    rp: { id: 'example.org', name: 'App' },
    challenge: challenge.toString('base64url'),
    timeout: 300_000,
    attestation: 'none',
    excludeCredentials: [{ id: 'AQID', type: 'public-key', transports: ['usb'] }],
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  })
  const request = await authenticationOptions({ rp, challenge, timeoutSeconds: 300, allow: [], userVerification: 'required' })
  expect(request).toMatchObject({
    rpId: 'example.org',
    challenge: challenge.toString('base64url'),
    userVerification: 'required',
    allowCredentials: [],
  })
})
