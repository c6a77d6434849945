// SPDX-License-Identifier: Apache-2.0

/// Something about the paper's numbers that a reader who compares with them should know.
public struct PaperErratum: Sendable {
  public let name: String
  public let text: String

  public static let all: [PaperErratum] = [
    PaperErratum(
      name: "E1",
      text:
        "The title of section 4.7 puts the activation after the pointwise convolution; text and "
        + "caption put it between depthwise and pointwise, which is what was tested."),
    PaperErratum(
      name: "E2",
      text: "An earlier version of Fig. 5 has 18×18×728 in the middle flow; the network gives "
        + "19×19×728, as the last version says."),
    PaperErratum(
      name: "E3",
      text: "The published weights were measured by others at 77.96 % and 94.10 % when they came "
        + "out; Keras changed its batch norms' epsilon from 1e-5 to 1e-3 three days later."),
    PaperErratum(
      name: "E4",
      text:
        "Inception V3's count is that of Keras' code of October 2016 (inception-v3-2016), not of "
        + "the network that is called Inception V3 today (inception-v3)."),
    PaperErratum(
      name: "E5",
      text: "The relative improvement on JFT given in the text is that of the pair with fully "
        + "connected layers; the pair without them improves more."),
    PaperErratum(
      name: "E6",
      text: "Decaying the rate by 0.9 every 3,000,000 samples over 30 million iterations of 32 "
        + "images leaves 0.9^320 of it, about 2e-15; read as every 3,000,000 iterations, 0.9^10."),
    PaperErratum(
      name: "E7",
      text: "28 steps a second on 60 GPUs can only be the sum over the workers, 15 images a second "
        + "each; as synchronous steps each GPU would pass 900 images a second."),
    PaperErratum(
      name: "E8",
      text: "The Inception V3 weights that Keras offered until March 2017 were not fully trained: "
        + "7.8 % top-5 error."),
    PaperErratum(
      name: "E9",
      text: "Keras' own measurement of its weights: VGG-16 71.3 and 90.1 %, ResNet-152 76.6 and "
        + "93.1 %, Inception V3 77.9 and 93.7 %, Xception 79.0 and 94.5 %."),
    PaperErratum(
      name: "E10",
      text: "timm measures its ports at 79.06 and 94.40 % (Xception), 77.87 and 93.64 % (Inception "
        + "V3), with a crop of its own."),
    PaperErratum(
      name: "E11",
      text:
        "The paper states neither decay nor epsilon of its batch norms; Keras has 0.99 and 1e-3, "
        + "timm 1e-5, and results depend on them."),
    PaperErratum(
      name: "E12",
      text: "Keras' documentation speaks of three fully connected layers at the top of Xception; "
        + "there is one."),
    PaperErratum(
      name: "E13",
      text: "Keras' ResNet-152 strides in the first 1×1 of a bottleneck (11.28 billion "
        + "multiply-adds), other libraries in the 3×3 (11.56 billion)."),
    PaperErratum(
      name: "E14",
      text: "Keras' ResNet-152 has 75,712 biases before batch norms, which have no effect; other "
        + "libraries count 60,192,808 parameters."),
    PaperErratum(
      name: "E15",
      text: "Table 1 leaves the blacklisted validation images out; most tools evaluate all 50,000."),
    PaperErratum(
      name: "E16",
      text: "KerasTuner's HyperXception is another network: one width for all modules and up to "
        + "eight residual ones."),
    PaperErratum(
      name: "E17",
      text: "The two networks of Tables 1 and 2 were trained with different weight decay, 4e-5 and "
        + "1e-5, and a rate tuned for Inception V3."),
  ]
}
