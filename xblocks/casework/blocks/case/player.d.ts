// What travels between block and browser (docs/architecture.md) and the shapes inside player.js, for `tsc` alone: types
// that stood in the script would travel to every telephone.

declare namespace Casework {
  type Html = string;

  interface Runtime {
    handlerUrl(element: unknown, name: string): string;
  }

  interface Args {
    words: Record<string, string>;
    open: View | null;
    lang: string;
    personal: string[];
    csrf?: string;
  }

  interface View {
    phase: "start" | "play" | "debrief" | "faulty";
    case: Facts;
    attempt: {id: string; number: number; started: string} | null;
    left: number | null;
    stored: boolean;
    /** What is read after the last day, or "". */
    closed: string;
    head: string;
    result: "accepted" | "known" | "aside" | "resend" | "";
    trail: string[];
    last: Last | null;
    moment: {passages: Passage[]; skips: number; task: Task};
    file: Doc[];
    aside: number;
    aside_texts: string[];
    changed?: boolean;
    plan: {text: string; at: string; due: boolean} | null;
    debrief: Debrief;
    road: Road | null;
    version: string;
  }

  /** Moments that come before their turn. A text may stand as its name. */
  interface Road {
    texts: Record<string, unknown>;
    stops: Stop[];
  }

  /** `ways`: by the option's id, or "": what people reply, and the number of the stop it leads to; -1 where only the server
   * knows, null where the road could be longer. `ask`: few decisions lie ahead from here. */
  interface Stop {
    ask: boolean;
    moment: View["moment"];
    file: Doc[];
    ways: Record<string, [Html, number | null]>;
  }

  interface Facts {
    title: Html;
    minutes: number;
    practise: Html;
    care: Html;
    help: Html;
    exit: string;
    translation: string;
    review: string;
  }

  interface Passage {
    title: Html;
    html: Html;
  }

  interface Part {
    by: string;
    html: Html;
  }

  interface Last {
    decided: Html;
    reply: Html;
    summary: Html;
  }

  interface Option {
    value: string;
    html: Html;
    closed?: Html | null;
  }

  interface Task {
    id: string;
    kind: "choose" | "spot" | "write" | "judge";
    ask: Html;
    options: {id: string; html: Html; closed: Html | null}[];
    confidence: boolean;
    document: string;
    minimum: number;
    rows: Html[];
    said?: Html;
    claim: Html;
    news: Html;
  }

  interface Doc {
    id: string;
    kind: string;
    title: Html;
    image: [string, string] | null;
    parts: Part[];
    marked: number;
    new: boolean;
  }

  /** An event on its way. */
  interface Move {
    id: string;
    prev: string;
    task: string;
    answer: string | string[] | number | null;
    sure: number | null;
    ms: number;
  }

  /** A task as asked: what stands in the form, what is missing still (in words), what it warns of once when it is sent, what
   * was answered. */
  interface Asked {
    parts: Child[];
    missing(): string;
    warn?(): string;
    answer(): Move["answer"];
    sure?(): number | null;
    lock(): void;
  }

  type Askers = Record<Task["kind"], (task: Task) => Asked>;

  interface Vote {
    html: Html;
    mine: boolean;
    by: string[];
  }

  interface Writing {
    ask: Html;
    text: string | null;
    practised: Html;
    rows: {text: Html; levels: Html[]; given: number | null}[];
    comment: string;
    reviewed: string;
    returned: {reason: string; at: string} | null;
    state: "waiting" | "reviewed" | "returned";
  }

  interface Debrief {
    ending: Passage & {passages?: Passage[]};
    figures: Record<string, number>;
    way: {
      scene: Html;
      kind: string;
      label: Html;
      sure: number | null;
      tags: string[];
      hits?: number;
      targets?: number;
      false?: number;
    }[];
    decisions: {
      ask: Html;
      sure: number | null;
      tags: string[];
      options: Vote[];
      why: Html;
      others?: {html: Html; why: Html}[];
      opinions: Part[];
    }[];
    map: {wide: Html; upright: Html};
    documents: Doc[];
    writing: Writing[];
    earlier: {number: number; at: string; changed: Html; writing: Writing[]}[];
    counted: Html;
    judgements: {claim: Html; news: Html; ask: Html; value: number; opinions: (Part & {value: number})[]}[];
    grade: {earned: number; possible: number} | null;
    again: boolean;
    next: {html: Html; press: string; first: boolean} | null;
    other: boolean;
    compared: {
      titles: Html[];
      endings: Html[];
      rows: {ask: Html; cells: {html: Html; sure: number | null; tags: string[]}[]}[];
    } | null;
  }

  type Child = Node | string | null | false | undefined | 0;

  type Make = <K extends keyof HTMLElementTagNameMap>(
    name: K | `${K}.${string}`,
    attributes?: Record<string, unknown>,
    ...children: Child[]
  ) => HTMLElementTagNameMap[K];
}
