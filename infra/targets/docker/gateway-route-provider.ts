import { defineProvider } from "../../../dynamic/define-provider.ts";
import { changedInputs } from "../../../dynamic/provider-inputs.ts";
import { type MoveRecord, recordMove } from "../../record-move.ts";
import { type GatewayMove, moveGateway } from "./move-gateway.ts";

export type GatewayRouteInputs = GatewayMove & MoveRecord;

const move = (inputs: GatewayRouteInputs) => recordMove(inputs, () => moveGateway(inputs));

const RELEVANT = ["gateway", "upstream", "upstreamPort", "version", "url", "host"] as const;

export const provider = defineProvider({
  async diff(_id: string, olds: GatewayRouteInputs, news: GatewayRouteInputs) {
    return { changes: changedInputs(olds, news, RELEVANT).length > 0 };
  },
  async create(inputs: GatewayRouteInputs) {
    await move(inputs);
    return { id: inputs.url, outs: inputs };
  },
  async update(_id: string, _olds: GatewayRouteInputs, news: GatewayRouteInputs) {
    await move(news);
    return { outs: news };
  },
  async delete() {
    // The gateway's container is removed with its stack; until then, it keeps its route.
  },
});
