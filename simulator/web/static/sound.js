// The buzzer, off until someone asks for it: browsers want a gesture before they make a sound.

export class Buzzer {
  constructor() {
    this.context = null;
    this.on = false;
  }

  toggle() {
    this.on = !this.on;
    if (this.on && !this.context) {
      this.context = new AudioContext();
      this.tone = new OscillatorNode(this.context, { type: "square" });
      this.volume = new GainNode(this.context, { gain: 0 });
      this.tone.connect(this.volume).connect(this.context.destination);
      this.tone.start();
    }
    if (!this.on) this.volume.gain.value = 0;
  }

  /** Tones as [{hertz, at_ms}], at_ms on the simulator's clock; only their distances matter here. */
  play(tones) {
    if (!this.on) return;
    const now = this.context.currentTime;
    for (const { hertz, at_ms } of tones) {
      const at = now + Math.min(1, (at_ms - tones[0].at_ms) / 1000);
      if (hertz) this.tone.frequency.setValueAtTime(hertz, at);
      this.volume.gain.setValueAtTime(hertz ? 0.04 : 0, at);
    }
  }
}
