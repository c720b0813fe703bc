// SPDX-License-Identifier: Apache-2.0
import { BaseCommand } from "../../base-command.js";
import { listContexts } from "../../context/index.js";
import { renderTable } from "../../render/table.js";

interface ContextRow {
  name: string;
  current: boolean;
  nodeAddress: string | null;
  file: string;
}

export default class ContextList extends BaseCommand {
  static override summary = "List the named connections.";
  static override description =
    "Contexts are kept in ~/.config/ccfctl/contexts.json (XDG_CONFIG_HOME is respected), and a local sandbox brings its own in .sandbox/contexts.json.";
  static override examples = ["<%= config.bin %> context list"];

  async run(): Promise<{ contexts: ContextRow[] }> {
    await this.parse(ContextList);
    const listed = await listContexts(this.contextPlaces());
    const contexts = listed.map(({ name, current, definition, file }) => ({
      name,
      current,
      nodeAddress: definition.nodeAddress ?? null,
      file,
    }));
    const rows = contexts.map((row) => [
      row.current ? "*" : "",
      row.name,
      row.nodeAddress ?? "",
      row.file,
    ]);
    this.log(
      renderTable(
        ["", "NAME", "NODE", "FILE"],
        rows,
        "There are no contexts: `ccfctl sandbox up` makes one.",
      ),
    );
    return { contexts };
  }
}
