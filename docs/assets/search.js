// The theme's search leaves out the last character of a run of Chinese when it looks for the words in it, and a word of
// two characters is then looked for as one. A rare character behind each run takes the loss; tools/docs_site.py sets the
// words of the index apart, and tests/browser holds that words are found.
(() => {
  const QUERY = 2;
  const RARE = "\u3400";
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    const isQuery = message && message.type === QUERY && typeof message.data === "string";
    const sent = isQuery
      ? { ...message, data: message.data.replace(/\p{sc=Han}+/gu, (run) => run + RARE) }
      : message;
    return post.call(this, sent, ...rest);
  };
})();
