/* tslint:disable */
/* eslint-disable */

export class AesGcmKey {
    free(): void;
    [Symbol.dispose](): void;
    constructor(key: Uint8Array | number[]);
    /**
     * The plaintext, or `undefined` when the tag does not fit.
     */
    open(iv: Uint8Array | number[], aad: Uint8Array | number[], tag: Uint8Array | number[], data: Uint8Array | number[]): Uint8Array | undefined;
    /**
     * `out` holds 16 bytes of room for the tag, then the plaintext; it comes back as tag ‖
     * ciphertext.
     */
    seal(iv: Uint8Array | number[], aad: Uint8Array | number[], out: Uint8Array | number[]): Uint8Array;
}

export class EcdhKeyPair {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    static fromScalar(scalar: Uint8Array | number[]): EcdhKeyPair;
    static generate(): EcdhKeyPair;
    publicPoint(): Uint8Array;
    sharedSecret(peer_point: Uint8Array | number[]): Uint8Array;
}

export class LedgerSecret {
    free(): void;
    [Symbol.dispose](): void;
    commitEvidence(view: number, seqno: number): string;
    constructor(raw: Uint8Array | number[]);
    open(chunk: Uint8Array | number[]): Output;
    seal(view: number, first_seqno: number, batch: Uint8Array | number[]): Output;
}

export class MerkleTree {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    append(leaves: Uint8Array | number[]): void;
    static create(): MerkleTree;
    static deserialize(bytes: Uint8Array | number[]): MerkleTree;
    flush(before_index: number): void;
    flushed(): number;
    /**
     * 33 bytes a step: 1 if the sibling stands on the left, then the sibling.
     */
    proof(index: number, size: number): Uint8Array;
    rootInput(size: number): Uint8Array | undefined;
    root(size: number): Uint8Array;
    serialize(): Uint8Array;
    size(): number;
}

/**
 * What a call gives back: buffers that are taken once, each copied out of memory without another
 * copy here.
 */
export class Output {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    takeBytes(): Uint8Array;
    takeLeaves(): Uint8Array;
    takeOffsets(): Uint32Array;
}

export class SigningKey {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    coseSign1(protected_header: Uint8Array | number[], payload: Uint8Array | number[], detached: boolean): Uint8Array;
    static fromPkcs8(der: Uint8Array | number[]): SigningKey;
    static generate(p384: boolean): SigningKey;
    publicKeySpki(): Uint8Array;
    signDigest(digest: Uint8Array | number[], der: boolean): Uint8Array;
    sign(message: Uint8Array | number[]): Uint8Array;
    toPkcs8Pem(): string;
    readonly isP384: boolean;
}

export class VerifyingKey {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    static fromSpki(der: Uint8Array | number[]): VerifyingKey;
    toSpki(): Uint8Array;
    verifyDigest(digest: Uint8Array | number[], signature: Uint8Array | number[], der: boolean): boolean;
    readonly isP384: boolean;
}

/**
 * The whole secret from shares that follow one another.
 */
export function combineShares(shares: Uint8Array | number[]): Uint8Array;

/**
 * The algorithm that a protected header names.
 */
export function coseAlgorithm(protected_header: Uint8Array | number[]): number | undefined;

export function coseSigStructure(protected_header: Uint8Array | number[], payload: Uint8Array | number[]): Uint8Array;

/**
 * Nine offsets: start and end of protected header, unprotected header, payload and signature, then
 * 1 if the payload is detached.
 */
export function coseSign1Parse(message: Uint8Array | number[]): Uint32Array;

export function deriveWrappingKey(share: Uint8Array | number[]): Uint8Array;

/**
 * `bytes` are the write-set digests.
 */
export function digestEntries(chunk: Uint8Array | number[]): Output;

/**
 * Folds steps of 33 bytes.
 */
export function foldProof(leaf: Uint8Array | number[], steps: Uint8Array | number[]): Uint8Array;

export function hkdfSha256(ikm: Uint8Array | number[], salt: Uint8Array | number[], info: Uint8Array | number[], length: number): Uint8Array;

export function hmacSha256(key: Uint8Array | number[], data: Uint8Array | number[]): Uint8Array;

export function sha256(data: Uint8Array | number[]): Uint8Array;

/**
 * The whole secret and then the shares, 44 bytes each.
 */
export function splitSecret(threshold: number, count: number): Uint8Array;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_aesgcmkey_free: (a: number, b: number) => void;
    readonly __wbg_ecdhkeypair_free: (a: number, b: number) => void;
    readonly __wbg_ledgersecret_free: (a: number, b: number) => void;
    readonly __wbg_merkletree_free: (a: number, b: number) => void;
    readonly __wbg_output_free: (a: number, b: number) => void;
    readonly __wbg_signingkey_free: (a: number, b: number) => void;
    readonly __wbg_verifyingkey_free: (a: number, b: number) => void;
    readonly aesgcmkey_new: (a: number, b: number) => [number, number, number];
    readonly aesgcmkey_open: (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number) => [number, number, number, number];
    readonly aesgcmkey_seal: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly combineShares: (a: number, b: number) => [number, number, number, number];
    readonly coseAlgorithm: (a: number, b: number) => [number, number, number, number];
    readonly coseSigStructure: (a: number, b: number, c: number, d: number) => [number, number];
    readonly coseSign1Parse: (a: number, b: number) => [number, number, number, number];
    readonly deriveWrappingKey: (a: number, b: number) => [number, number, number, number];
    readonly digestEntries: (a: number, b: number) => [number, number, number];
    readonly ecdhkeypair_fromScalar: (a: number, b: number) => [number, number, number];
    readonly ecdhkeypair_generate: () => [number, number, number];
    readonly ecdhkeypair_publicPoint: (a: number) => [number, number];
    readonly ecdhkeypair_sharedSecret: (a: number, b: number, c: number) => [number, number, number, number];
    readonly foldProof: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly hkdfSha256: (a: number, b: number, c: number, d: number, e: number, f: number, g: number) => [number, number, number, number];
    readonly hmacSha256: (a: number, b: number, c: number, d: number) => [number, number];
    readonly ledgersecret_commitEvidence: (a: number, b: number, c: number) => [number, number];
    readonly ledgersecret_new: (a: number, b: number) => [number, number, number];
    readonly ledgersecret_open: (a: number, b: number, c: number) => [number, number, number];
    readonly ledgersecret_seal: (a: number, b: number, c: number, d: number, e: number) => [number, number, number];
    readonly merkletree_append: (a: number, b: number, c: number) => [number, number];
    readonly merkletree_create: () => number;
    readonly merkletree_deserialize: (a: number, b: number) => [number, number, number];
    readonly merkletree_flush: (a: number, b: number) => [number, number];
    readonly merkletree_flushed: (a: number) => number;
    readonly merkletree_proof: (a: number, b: number, c: number) => [number, number, number, number];
    readonly merkletree_root: (a: number, b: number) => [number, number, number, number];
    readonly merkletree_rootInput: (a: number, b: number) => [number, number, number, number];
    readonly merkletree_serialize: (a: number) => [number, number, number, number];
    readonly merkletree_size: (a: number) => number;
    readonly output_takeBytes: (a: number) => [number, number];
    readonly output_takeLeaves: (a: number) => [number, number];
    readonly output_takeOffsets: (a: number) => [number, number];
    readonly sha256: (a: number, b: number) => [number, number];
    readonly signingkey_coseSign1: (a: number, b: number, c: number, d: number, e: number, f: number) => [number, number, number, number];
    readonly signingkey_fromPkcs8: (a: number, b: number) => [number, number, number];
    readonly signingkey_generate: (a: number) => [number, number, number];
    readonly signingkey_isP384: (a: number) => number;
    readonly signingkey_publicKeySpki: (a: number) => [number, number, number, number];
    readonly signingkey_sign: (a: number, b: number, c: number) => [number, number];
    readonly signingkey_signDigest: (a: number, b: number, c: number, d: number) => [number, number, number, number];
    readonly signingkey_toPkcs8Pem: (a: number) => [number, number, number, number];
    readonly splitSecret: (a: number, b: number) => [number, number, number, number];
    readonly verifyingkey_fromSpki: (a: number, b: number) => [number, number, number];
    readonly verifyingkey_isP384: (a: number) => number;
    readonly verifyingkey_toSpki: (a: number) => [number, number, number, number];
    readonly verifyingkey_verifyDigest: (a: number, b: number, c: number, d: number, e: number, f: number) => number;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
