// Sends shop events with Segment's own client for browsers, unmodified; the page then shows the messageIds.
//   /?host=http://127.0.0.1:4170&key=WRITE_KEY&count=HOW_MANY
const query = new URLSearchParams(location.search);
const settings = { writeKey: query.get('key'), cdnURL: query.get('host') };
const [analytics] = await AnalyticsNext.AnalyticsBrowser.load(settings);

const contexts = [
  analytics.page('Shop'),
  analytics.identify('C-00001', { plan: 'none' }),
];
for (let index = 0; index < Number(query.get('count')); index += 1) {
  const product = { product_id: `peer-${index % 7}`, name: 'A jug', price: 12.5, currency: 'EUR' };
  contexts.push(analytics.track('Product Viewed', product));
}
const sent = (await Promise.all(contexts)).map((context) => context.event.messageId);
document.querySelector('[data-testid=sent]').textContent = JSON.stringify(sent);
document.querySelector('[data-testid=state]').textContent = 'handed over';
