// SPDX-License-Identifier: Apache-2.0
import { serviceFlags } from "../../flags/common.js";
import { renderServiceInfo } from "../../render/service.js";
import { ServiceCommand } from "../../service-command.js";
import { type ServiceInfoView, viewServiceInfo } from "../../views/governance.js";

export default class ServiceInfo extends ServiceCommand {
  static override summary = "Show the status, the certificate and the settings of the service.";
  static override examples = ["<%= config.bin %> service info"];
  static override flags = serviceFlags;

  async run(): Promise<ServiceInfoView> {
    const { flags } = await this.parse(ServiceInfo);
    using client = await this.governance(flags);
    const info = viewServiceInfo(await client.getServiceInfo({}));
    this.log(renderServiceInfo(info));
    return info;
  }
}
