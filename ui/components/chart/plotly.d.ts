// plotly.js as far as it is used here: what a figure holds, and the library itself. It brings no types of its own.

export type Value = number | null; // null: a gap in a line

export interface Stroke {
  color?: string | null;
  dash?: string;
  width?: number;
}

export interface Marker {
  color?: string | null;
  symbol?: string;
  size?: number;
  maxdisplayed?: number;
}

/** One line, cloud of points or surface of a figure. */
export interface Trace {
  name: string;
  type?: string;
  mode?: string;
  x: Value[];
  y: Value[];
  z?: Value[];
  width?: number; // of bars
  visible?: boolean | "legendonly";
  legendgroup?: string;
  opacity?: number;
  showlegend?: boolean;
  hoverinfo?: string;
  hovertext?: string[];
  color?: string;
  fill?: string;
  fillcolor?: string;
  zorder?: number;
  line?: Stroke;
  marker?: Marker;
  yaxis?: string;
  // deno-lint-ignore no-explicit-any
  meta?: any; // ours: what Python says of the trace
}

export interface Axis {
  title: { text: string };
  type?: string;
  side?: string;
  range?: [number, number];
  autorange?: boolean;
  nticks?: number;
  rangemode?: string;
  autorangeoptions?: { include: number[] };
  tickvals?: number[];
  ticktext?: string[];
}

export interface Shape {
  type: string;
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  yref: string;
  opacity?: number;
  line: Stroke;
}

export interface Annotation {
  x: number;
  y: number;
  text: string;
  xanchor?: string;
  yanchor?: string;
  yref?: string;
  showarrow?: boolean;
  xshift?: number;
  font?: { size: number };
}

export interface Scene {
  xaxis: Axis;
  yaxis: Axis;
  zaxis: Axis;
  bgcolor?: string;
  camera?: object;
}

export interface Layout {
  [axis: `xaxis${string}`]: Axis;
  [axis: `yaxis${string}`]: Axis;
  margin: { l: number; r: number; t: number; b: number };
  hovermode?: string | false;
  showlegend?: boolean;
  legend?: object;
  scene?: Scene;
  shapes?: Shape[];
  annotations?: Annotation[];
  // deno-lint-ignore no-explicit-any
  meta?: any; // ours
  width?: number;
  height?: number;
}

export interface Figure {
  data: Trace[];
  layout: Layout;
}

/** An axis as it was drawn: d2p converts a value to pixels from the axis's start, p2d back. */
export interface DrawnAxis {
  _offset: number;
  _length: number;
  autorange: boolean;
  d2p(value: Value): number;
  p2d(pixels: number): number;
}

export interface DrawnLayout {
  [axis: `xaxis${string}`]: DrawnAxis;
  [axis: `yaxis${string}`]: DrawnAxis;
  scene: { _scene: { getCamera(): { eye: Eye } } };
}

export interface Eye {
  x: number;
  y: number;
  z: number;
}

export interface PointOfTrace {
  curveNumber: number;
  pointNumber: number;
}

/** The element that a figure was drawn in. */
export interface PlotElement extends HTMLElement {
  data: Trace[];
  layout: Layout;
  _fullData: (Trace & { uid: string; xaxis: string; yaxis: string })[];
  _fullLayout: DrawnLayout;
  _dragging: boolean;
  on(event: "plotly_hover", heard: (event: { points: PointOfTrace[] }) => void): void;
  on(event: "plotly_unhover" | "plotly_relayout", heard: () => void): void;
}

export interface PlotlyLibrary {
  Icons: { camera: object };
  Fx: { hover(plot: PlotElement, points: PointOfTrace[]): void; unhover(plot: PlotElement): void };
  newPlot(plot: HTMLElement, data: Trace[], layout: object): Promise<unknown>;
  react(plot: PlotElement, data: Trace[], layout: Layout, options: object): Promise<unknown>;
  relayout(plot: PlotElement, changes: object): void;
  purge(plot: HTMLElement): void;
  downloadImage(figure: Figure, options: object): Promise<string>;
}

declare global {
  var Plotly: PlotlyLibrary | undefined;
  var labPlotly: (Promise<PlotlyLibrary> & { tried?: boolean }) | null | undefined;
}
