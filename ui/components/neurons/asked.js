// What the server tells of a network's neurons.

import { addressOf } from "../shared/address.js";
import { bytesFrom } from "../shared/moments.js";
import { unpack } from "../shared/packing.js";

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {[key: string, title: string, units: number]} LayerName */
/** @typedef {[key: string, title: string, about: string, strength: string]} ViewName */
/** @typedef {[height: number, width: number]} Size */

/**
 * The layers and kinds of pictures that there are, and those that are shown.
 * @typedef {{ layers: LayerName[], layer: string, views: ViewName[], view: string }} Choice
 */

/**
 * All neurons of a layer. shape: of a picture. units: their numbers, from 0. images: how many test
 * images they were measured on. dead, saturated: how many of the whole layer. classes: of the data.
 * pictures: signed [n, height, width]; scale [n]: the value of a full colour.
 * @typedef {Choice & {
 *   shape: Size, units: number[], images: number, dead: number, saturated: number,
 *   classes: number, bytes: number,
 *   arrays: Record<"strength" | "mean" | "selectivity" | "pictures" | "scale" | "is_dead" |
 *     "is_saturated", Tensor>,
 * }} AllUnits
 */

/**
 * All about one neuron. until: so many layers of the network, of both sides in one row, end with
 * it. bands: the names of bands of its activations, and how many images each has. names: of those
 * images. alike: the neurons most like it, with the correlation. drawn: its pictures.
 * @typedef {Choice & {
 *   unit: number, until: number, shape: [number, number, number], dead: boolean,
 *   saturated: boolean, selectivity: number, bands: [string, number][], names: string[],
 *   classes: string[], alike: [unit: number, correlation: number][], alike_shape: Size,
 *   drawn: { key: string, title: string, shape: Size }[], bytes: number,
 *   arrays: Record<"activations" | "band_images" | "band_values" | "alike", Tensor> &
 *     Record<string, Tensor>,
 * }} OneUnit
 */

/** @typedef {{ layer: string, view: string, unit?: string }} Asked "" is what is looked at first */

/**
 * Fetches the neurons of a moment.
 * @param {string} route
 * @param {Asked} asked
 * @returns {(moment: string) => Promise<any>} `AllUnits`; with a unit `OneUnit`
 */
export function unitsFrom(route, asked) {
  return async (moment) => {
    const all = Object.entries({ at: moment, ...asked }).filter(([, value]) => value);
    const buffer = await bytesFrom(`${addressOf(route)}?${new URLSearchParams(all)}`);
    return { ...unpack(new Uint8Array(buffer)), bytes: buffer.byteLength };
  };
}
