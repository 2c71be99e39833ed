// Sends shop events with Segment's own client for Node.js, unmodified, and says which messageIds it was asked to send:
//   node send.js HOST WRITE_KEY HOW_MANY
// Prints {"sent":[…],"failed":[…]}; "failed" is what the client gave up on.
import { Analytics } from '@segment/analytics-node';

const [host, writeKey, howMany] = process.argv.slice(2);
const analytics = new Analytics({
  host,
  writeKey,
  flushAt: 5,
  flushInterval: 50,
  // A retry is what the test is about; giving up is not.
  maxRetries: 100,
  httpRequestTimeout: 500,
});

const sent = [];
const failed = [];
const settled = [];
for (let index = 0; index < Number(howMany); index += 1) {
  settled.push(new Promise((resolve) => {
    const product = { product_id: `peer-${index % 7}`, name: 'A jug', price: 12.5, currency: 'EUR' };
    const call = { anonymousId: `node-${index % 3}`, event: 'Product Viewed', properties: product };
    analytics.track(call, (error, context) => {
      (error ? failed : sent).push(context.event.messageId);
      resolve();
    });
  }));
}
await Promise.all(settled);
await analytics.closeAndFlush();
console.log(JSON.stringify({ sent, failed }));
