// The way from the VPC to the data centre as a picture of five places, each with what is wrong there.

import { el } from "./dom.js";

/** Draw one connection of a gateway as list items. */
export function picture({ gateway, connection }) {
  return [
    place("VPC", gateway.vpc, [gateway.vpc_networks.join(", "), hosts(gateway.vpc_hosts)], connection.routes_in_the_way.map((one) => `route in the way: ${one}`)),
    place("VPN gateway", gateway.id, [gateway.region, routes(connection)], gateway.status === "active" ? [] : [gateway.status]),
    ...connection.tunnels.map(tunnel),
    place("Data centre", "", [connection.remote_networks.join(", "), hosts([...new Set(connection.tunnels.flatMap((one) => one.hosts))])], []),
  ];
}

const hosts = (ips) => (ips.length ? `answers: ${ips.join(", ")}` : null);
const routes = (connection) => (connection.routes.length ? `sends into the tunnel: ${connection.routes.join(", ")}` : "sends nothing into the tunnel");

function tunnel(one) {
  const isUp = one.status === "ipsec_sa_established";
  const title = one.role ? `IPsec tunnel (${one.role}${one.in_use ? ", in use" : ""})` : "IPsec tunnel";
  return place(title, `to ${one.peer}`, [
    isUp ? "up" : null,
    one.loss_percent ? null : `Internet: nothing lost, ${one.rtt_ms} ms`,
  ], [
    isUp ? null : `down: ${one.why}`,
    one.loss_percent ? `Internet: ${one.loss_percent} % lost, ${one.rtt_ms} ms` : null,
  ]);
}

function place(title, id, notes, wrong) {
  const bad = wrong.filter(Boolean);
  return el("li", { class: bad.length ? "bad" : "good" },
    el("strong", {}, title), id ? el("code", {}, id) : null,
    el("span", {}, notes.filter(Boolean).join(" · ")),
    bad.map((note) => el("span", { class: "wrong" }, note)));
}
