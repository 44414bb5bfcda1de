// What is known of a channel: its messages as the emulator told of them, by thread and in order; only news is fetched.

import { ask } from "./wire.js";

export class Store {
  #channels = new Map();
  #age = 0;

  /** Forget everything, as after a reset of the emulator or for another person's eyes. */
  clear() {
    this.#channels.clear();
  }

  /** Fetch what is new in a channel. */
  async refresh(channel, user) {
    const known = this.#channels.get(channel) ?? { revision: 0, messages: new Map() };
    const news = await ask(`channels/${channel}/news?user=${user}&after=${known.revision}`);
    if (news.is_whole) known.messages.clear();
    for (const ts of news.gone) known.messages.delete(ts);
    for (const message of news.messages) known.messages.set(message.ts, { ...message, age: this.#age += 1 });
    known.revision = news.revision;
    this.#channels.set(channel, known);
  }

  /** Give a channel's own messages, oldest first, each with its `replies`; replies whose thread is gone stand alone. */
  mainline(channel) {
    const messages = this.#channels.get(channel)?.messages ?? new Map();
    const [roots, threads] = [[], new Map()];
    for (const message of messages.values()) {
      const above = message.thread_ts && message.thread_ts !== message.ts && messages.has(message.thread_ts);
      if (!above) roots.push(message);
      else if (threads.has(message.thread_ts)) threads.get(message.thread_ts).push(message);
      else threads.set(message.thread_ts, [message]);
    }
    for (const replies of threads.values()) replies.sort(byTime);
    return roots.sort(byTime).map((message) => ({ ...message, replies: threads.get(message.ts) ?? [] }));
  }
}

const byTime = (a, b) => (a.ts < b.ts ? -1 : Number(a.ts > b.ts));
