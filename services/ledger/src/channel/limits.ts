// SPDX-License-Identifier: Apache-2.0
import type { ServerLimits } from "@consortium/kit";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Every bound of a channel. All can be configured; nothing grows beyond them. */
export interface ChannelLimits {
  /** Messages sent and received under one pair of keys; RFC 8446's bound for AES-GCM, 2^24.5. */
  readonly messagesPerKeyMax: number;
  /** New keys are made when the present ones are this old, however little they were used. */
  readonly rekeyAfterMs: number;
  /** Least time between two key exchanges that this node begins with one peer. */
  readonly initiationGapMs: number;
  /** A key exchange that takes longer is given up. */
  readonly handshakeTimeoutMs: number;
  /** A channel without traffic is closed after this time. */
  readonly idleCloseMs: number;
  /** A peer that takes no bytes for this long while some wait for it is cut. */
  readonly stallMs: number;
  /** How long a peer may take to answer when it is unclear whether an older stream still lives. */
  readonly probeTimeoutMs: number;
  /** Reconnection waits this long at first, and twice as long each further time. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** How often age, idleness, stalls and trust are looked at. */
  readonly tickMs: number;
  /** Messages held back while the channel is being established. */
  readonly waitingConsensusMax: number;
  readonly waitingRequestsMax: number;
  /** The ledger entries of one consensus message. */
  readonly entriesBytesMax: number;
  /** The payload of one request or response, and the header of a consensus message. */
  readonly requestBytesMax: number;
  /** Requests of this node at one peer that have no answer yet. */
  readonly requestsInFlightMax: number;
  /** Payloads of one peer's requests that are being handled here. */
  readonly requestBytesInFlightMax: number;
  /** Consensus bytes that the peer has not consumed yet; sending waits beyond it. */
  readonly consensusWindowBytes: number;
  /** Consensus bytes that wait here to be sent to one peer; more are refused. */
  readonly consensusQueueBytesMax: number;
  /** Streams that have not proved yet whose they are; the oldest gives way. */
  readonly unprovenStreamsMax: number;
}

export const DEFAULT_CHANNEL_LIMITS: ChannelLimits = {
  messagesPerKeyMax: 23_726_566,
  rekeyAfterMs: 10 * 60_000,
  initiationGapMs: 2_000,
  handshakeTimeoutMs: 5_000,
  idleCloseMs: 60_000,
  stallMs: 30_000,
  probeTimeoutMs: 1_000,
  backoffMs: 100,
  backoffMaxMs: 1_000,
  tickMs: 250,
  waitingConsensusMax: 1,
  waitingRequestsMax: 10,
  entriesBytesMax: 256 * MIB,
  requestBytesMax: 4 * MIB,
  requestsInFlightMax: 1_024,
  requestBytesInFlightMax: 64 * MIB,
  consensusWindowBytes: 32 * MIB,
  consensusQueueBytesMax: 64 * MIB,
  unprovenStreamsMax: 64,
};

/** A frame before the peer has proved who it is: a certificate, a key share and a signature. */
export const UNPROVEN_FRAME_BYTES_MAX = 16 * KIB;
/** Larger frames, and entries, travel in pieces of this size. */
export const PIECE_BYTES = 512 * KIB;

/** After the peer has proved who it is. */
export function frameBytesMax({ requestBytesMax }: ChannelLimits): number {
  return requestBytesMax + UNPROVEN_FRAME_BYTES_MAX;
}

/**
 * What the server of the node-to-node interface takes in one message. Small, whatever the limits of
 * requests are: a message is in memory before anybody can ask whose it is.
 */
export const CHANNEL_SERVER_LIMITS: ServerLimits = { receiveBytesMax: MIB, sendBytesMax: MIB };

/** What may wait for one peer in one lane, whatever it consists of: beyond the other bounds together. */
export function outboxBytesMax(limits: ChannelLimits): number {
  const consensus = limits.consensusQueueBytesMax + limits.entriesBytesMax;
  return 2 * Math.max(consensus, limits.requestBytesInFlightMax + limits.requestBytesMax);
}
