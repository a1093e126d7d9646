// News of a run by WebSocket: it connects again if it is cut off, and gives up if there is no such
// route.

import { addressOf } from "../shared/address.js";

const PAUSE = 500; // milliseconds before the first retry, doubled for each further one
const MOST_DOUBLINGS = 4; // of the pause
const RETRIES = 2; // without a message, before it gives up
const RETRIES_ONCE_SERVED = 8; // the same after a first message: 40 seconds in all

/** @typedef {import("./news.js").News} News */

/** One run's connection. */
export class Socket {
  /**
   * @param {{ heard: (news: News) => void, isOver: () => boolean, gaveUp: () => void }} asked
   *   heard: called with each message; isOver: whether nothing more is to come; gaveUp: called
   *   if the route cannot be reached
   */
  constructor({ heard, isOver, gaveUp }) {
    this.heard = heard;
    this.isOver = isOver;
    this.gaveUp = gaveUp;
    this.served = false; // whether a message has ever come
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry = undefined;
    this.closed = false;
  }

  /**
   * Connect, unless it is connected.
   * @param {string} route
   * @param {number} [tries] how many tries before this one brought nothing
   */
  connect(route, tries = 0) {
    clearTimeout(this.retry);
    if (this.closed || this.socket) return;
    const protocol = location.protocol === "https:" ? "wss" : "ws";
    const socket = this.socket = new WebSocket(`${protocol}://${location.host}${addressOf(route)}`);
    let opened = false;
    socket.onmessage = (event) => {
      opened = this.served = true;
      this.heard(JSON.parse(event.data));
    };
    socket.onclose = () => {
      this.socket = null;
      if (this.closed || this.isOver()) return;
      const most = this.served ? RETRIES_ONCE_SERVED : RETRIES,
        pause = PAUSE * 2 ** Math.min(tries, MOST_DOUBLINGS);
      if (!opened && tries >= most) this.gaveUp(); // the page polls instead
      else this.retry = setTimeout(() => this.connect(route, opened ? 0 : tries + 1), pause);
    };
  }

  close() {
    this.closed = true;
    clearTimeout(this.retry);
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.close();
    }
  }
}
