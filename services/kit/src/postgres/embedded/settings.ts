// SPDX-License-Identifier: Apache-2.0

/**
 * What the embedded server is started with. Durability is PostgreSQL's own default and said aloud; the rest
 * keeps it small beside the processes that it serves: no Unix socket (its path is limited to about 100
 * bytes), no helper processes that a ledger does not use.
 */
export function serverSettings(port: number, majorVersion: number): Record<string, string> {
  return {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    // The other ways leave the data in the drive's cache on macOS.
    ...(process.platform === "darwin" ? { wal_sync_method: "fsync_writethrough" } : {}),
    shared_buffers: "64MB",
    wal_buffers: "8MB",
    max_connections: "100",
    huge_pages: "off",
    jit: "off",
    max_parallel_workers_per_gather: "0",
    max_logical_replication_workers: "0",
    ...(majorVersion >= 18 ? { io_method: "sync" } : {}),
    timezone: "UTC",
    log_timezone: "UTC",
    log_checkpoints: "off",
    log_line_prefix: "%m [%p] ",
  };
}
