import { changedInputs } from "../../../dynamic/changed-inputs.ts";
import { type GatewayMove, moveGateway } from "./move-gateway.ts";

const RELEVANT = ["gateway", "upstream", "upstreamPort", "version", "url", "host"] as const;

export const provider = {
  async diff(_id: string, olds: GatewayMove, news: GatewayMove) {
    return { changes: changedInputs(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: GatewayMove) {
    await moveGateway(inputs);
    return { id: inputs.url, outs: inputs };
  },
  async update(_id: string, _olds: GatewayMove, news: GatewayMove) {
    await moveGateway(news);
    return { outs: news };
  },
  async delete() {
    // The gateway's container goes with its stack; until then it serves what it was told to.
  },
};
