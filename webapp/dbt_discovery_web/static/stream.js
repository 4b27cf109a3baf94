// Server-sent events of an answer to a POST, which a browser's EventSource cannot send.

/** The events of a response, as `{ name, data }`, in order. */
export async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
  }
}

/** One event; nothing for a comment, which only keeps the connection alive. */
function parsed(block) {
  const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
  return fields.has("event") ? { name: fields.get("event"), data: JSON.parse(fields.get("data")) } : null;
}
