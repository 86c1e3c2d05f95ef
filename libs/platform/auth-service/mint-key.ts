import type { SealedBox } from '@portico/crypto/sealed-box'
import { signingKeyContext } from '@portico/crypto/seal-context'
import type { Entropy } from '@portico/kernel/entropy'
import { generateSigningKey, type SigningAlgorithm } from '@portico/tokens/signing-key'
import type { MintedKey } from '../records/signing-key.store.js'

export class KeyMint {
  constructor(
    private readonly box: SealedBox,
    private readonly entropy: Entropy,
  ) {}

  async mint(projectId: string, alg: SigningAlgorithm): Promise<MintedKey> {
    const key = await generateSigningKey(alg, this.entropy)
    return { kid: key.kid, alg, sealed: this.box.seal(key.secret, signingKeyContext(projectId, key.kid)), publicJwk: key.publicJwk }
  }
}
