// The shared worker: one live connection a browser, whatever number of its pages looks on.

import { Hub, type Order } from "./hub";

/** Pages have clocks of their own, which begin when they do: what is told stands on the one that all share. */
const hub = new Hub(() => performance.timeOrigin + performance.now());

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (!port) return;
  port.onmessage = (message: MessageEvent<Order>) => hub.obey(port, message.data);
  // A page that crashed says nothing; browsers that notice tell by this event.
  port.addEventListener("close", () => hub.forget(port));
  port.start();
});
