"""One module a kind of document; each turns a stock into written sheets and the questions that they answer."""
