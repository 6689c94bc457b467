import { ENCODINGS, type Encoding } from './encodings.js';

/** Cases that do not pass, by name, and why. Who passes although it is listed is as much of a surprise as who fails and is not. */
export interface KnownFailure {
  readonly reason: string;
  /** What is said when it fails. */
  readonly says: RegExp;
  readonly cases: readonly string[];
}

export interface RefusedCases extends KnownFailure {
  readonly encodings: readonly Encoding[];
}

/** Not run at all: what they answer depends on chance, or on the machine. */
export const LEFT_OUT: readonly Pick<KnownFailure, 'reason' | 'cases'>[] = [
  {
    reason: "Random operators: the case holds what numpy's generator drew.",
    cases: names(`
      node/test_bernoulli node/test_bernoulli_double node/test_bernoulli_double_expanded node/test_bernoulli_expanded node/test_bernoulli_seed
      node/test_bernoulli_seed_expanded node/test_training_dropout node/test_training_dropout_default node/test_training_dropout_default_mask
      node/test_training_dropout_mask
    `),
  },
  {
    reason: 'StringNormalizer asks the system for the locale en_US, which not every machine has.',
    cases: names(`
      node/test_strnormalizer_export_monday_casesensintive_lower node/test_strnormalizer_export_monday_casesensintive_upper
      node/test_strnormalizer_export_monday_empty_output node/test_strnormalizer_export_monday_insensintive_upper_twodim
      simple/test_strnorm_model_monday_casesensintive_lower simple/test_strnorm_model_monday_casesensintive_upper simple/test_strnorm_model_monday_empty_output
      simple/test_strnorm_model_monday_insensintive_upper_twodim
    `),
  },
];

/** ONNX Runtime itself, asked without Cairn. */
export const NOT_PASSED_BY_ONNX_RUNTIME: readonly KnownFailure[] = [
  {
    reason: 'Something that goes in or comes out is a sequence or an optional value, for which neither the protocol nor onnxruntime-node has a word.',
    says: /is no tensor/,
    cases: names(`
      node/test_identity_opt node/test_identity_sequence node/test_if_opt node/test_if_seq node/test_loop13_seq node/test_loop16_seq_none node/test_optional_get_element
      node/test_optional_get_element_sequence node/test_optional_has_element node/test_optional_has_element_empty node/test_sequence_insert_at_back
      node/test_sequence_insert_at_front node/test_sequence_map_add_1_sequence_1_tensor node/test_sequence_map_add_1_sequence_1_tensor_expanded
      node/test_sequence_map_add_2_sequences node/test_sequence_map_add_2_sequences_expanded node/test_sequence_map_extract_shapes
      node/test_sequence_map_extract_shapes_expanded node/test_sequence_map_identity_1_sequence node/test_sequence_map_identity_1_sequence_1_tensor
      node/test_sequence_map_identity_1_sequence_1_tensor_expanded node/test_sequence_map_identity_1_sequence_expanded node/test_sequence_map_identity_2_sequences
      node/test_sequence_map_identity_2_sequences_expanded
    `),
  },
  {
    reason: 'Operators of training, which ONNX Runtime has not.',
    says: /is not a registered function/,
    cases: names(`
      node/test_adagrad node/test_adagrad_multiple node/test_adam node/test_adam_multiple node/test_momentum node/test_momentum_multiple node/test_nesterov_momentum
      simple/test_gradient_of_add simple/test_gradient_of_add_and_mul
    `),
  },
  {
    reason: 'onnxruntime-node has no tensors of BF16.',
    says: /Unsupported data type: 16|no tensor of BF16/,
    cases: names(`
      node/test_cast_BFLOAT16_to_FLOAT node/test_cast_FLOAT_to_BFLOAT16 node/test_castlike_BFLOAT16_to_FLOAT node/test_castlike_BFLOAT16_to_FLOAT_expanded
      node/test_castlike_FLOAT_to_BFLOAT16 node/test_castlike_FLOAT_to_BFLOAT16_expanded
    `),
  },
  {
    reason: 'Opsets below 7, which ONNX Runtime does not promise to run.',
    says: /Could not find an implementation for/,
    cases: names(`
      pytorch-converted/test_AvgPool1d pytorch-converted/test_AvgPool1d_stride pytorch-converted/test_AvgPool2d pytorch-converted/test_AvgPool2d_stride
      pytorch-converted/test_AvgPool3d pytorch-converted/test_AvgPool3d_stride pytorch-converted/test_AvgPool3d_stride1_pad0_gpu_input
      pytorch-converted/test_BatchNorm1d_3d_input_eval pytorch-converted/test_BatchNorm2d_eval pytorch-converted/test_BatchNorm2d_momentum_eval
      pytorch-converted/test_BatchNorm3d_eval pytorch-converted/test_BatchNorm3d_momentum_eval pytorch-converted/test_GLU pytorch-converted/test_GLU_dim
      pytorch-converted/test_Linear pytorch-converted/test_PReLU_1d pytorch-converted/test_PReLU_1d_multiparam pytorch-converted/test_PReLU_2d
      pytorch-converted/test_PReLU_2d_multiparam pytorch-converted/test_PReLU_3d pytorch-converted/test_PReLU_3d_multiparam
      pytorch-converted/test_PoissonNLLLLoss_no_reduce pytorch-converted/test_Softsign pytorch-operator/test_operator_add_broadcast
      pytorch-operator/test_operator_add_size1_broadcast pytorch-operator/test_operator_add_size1_right_broadcast
      pytorch-operator/test_operator_add_size1_singleton_broadcast pytorch-operator/test_operator_addconstant pytorch-operator/test_operator_addmm
      pytorch-operator/test_operator_basic pytorch-operator/test_operator_mm pytorch-operator/test_operator_non_float_params pytorch-operator/test_operator_params
      pytorch-operator/test_operator_pow
    `),
  },
  {
    reason: "Datatypes for which ONNX Runtime's CPU kernels were not made.",
    says: /Could not find an implementation for/,
    cases: names(`
      node/test_bitshift_left_uint16 node/test_bitshift_right_uint16 node/test_max_int16 node/test_max_uint16 node/test_min_int16 node/test_min_uint16
      node/test_pow_types_float32_uint32 node/test_pow_types_float32_uint64
    `),
  },
  {
    reason: "Recurrent layers with the batch first, which ONNX Runtime's CPU kernels refuse.",
    says: /layout_ == 0 was false/,
    cases: names(`
      node/test_gru_batchwise node/test_lstm_batchwise node/test_simple_rnn_batchwise
    `),
  },
  {
    reason: "ONNX Runtime writes numbers with as many digits as are needed, or nine; the case has numpy's.",
    says: /has other elements/,
    cases: names(`
      node/test_cast_FLOAT_to_STRING node/test_castlike_FLOAT_to_STRING node/test_castlike_FLOAT_to_STRING_expanded
    `),
  },
  {
    reason: 'Sums of rounding errors where the case has exactly nothing.',
    says: /instead of 0$/,
    cases: names(`
      node/test_dft node/test_dft_axis node/test_dft_inverse node/test_stft node/test_stft_with_window
    `),
  },
  {
    reason: 'ONNX Runtime follows another definition of the operator than this version of the case.',
    says: /instead of/,
    cases: names(`
      node/test_maxunpool_export_with_output_shape node/test_resize_downsample_scales_cubic_align_corners node/test_resize_downsample_scales_linear_align_corners
    `),
  },
];

/** What ONNX Runtime passes and Cairn refuses, in some encodings. */
export const REFUSED_BY_CAIRN: readonly RefusedCases[] = [
  {
    reason: 'The protocol has FP16 in binary alone: JSON has no form of it that all servers share.',
    says: /FP16 data via JSON is not supported/,
    encodings: ['json'],
    cases: names(`
      node/test_cast_DOUBLE_to_FLOAT16 node/test_cast_FLOAT16_to_DOUBLE node/test_cast_FLOAT16_to_FLOAT node/test_cast_FLOAT_to_FLOAT16
      node/test_castlike_DOUBLE_to_FLOAT16 node/test_castlike_DOUBLE_to_FLOAT16_expanded node/test_castlike_FLOAT16_to_DOUBLE
      node/test_castlike_FLOAT16_to_DOUBLE_expanded node/test_castlike_FLOAT16_to_FLOAT_expanded node/test_castlike_FLOAT16_to_FLOAT node/test_castlike_FLOAT_to_FLOAT16
      node/test_castlike_FLOAT_to_FLOAT16_expanded node/test_max_float16 node/test_min_float16 node/test_mod_mixed_sign_float16
    `),
  },
  {
    reason: 'The lists of contents have none for FP16.',
    says: /FP16 elements are sent as raw_input_contents/,
    encodings: ['contents'],
    cases: names(`
      node/test_cast_FLOAT16_to_DOUBLE node/test_cast_FLOAT16_to_FLOAT node/test_castlike_DOUBLE_to_FLOAT16 node/test_castlike_DOUBLE_to_FLOAT16_expanded
      node/test_castlike_FLOAT16_to_DOUBLE node/test_castlike_FLOAT16_to_DOUBLE_expanded node/test_castlike_FLOAT16_to_FLOAT_expanded node/test_castlike_FLOAT16_to_FLOAT
      node/test_castlike_FLOAT_to_FLOAT16 node/test_castlike_FLOAT_to_FLOAT16_expanded node/test_max_float16 node/test_min_float16 node/test_mod_mixed_sign_float16
    `),
  },
  {
    reason: 'JSON has no NaN and no infinity; what Python writes for them is no JSON.',
    says: /it is not valid JSON/,
    encodings: ['json'],
    cases: names(`
      node/test_isinf node/test_isinf_negative node/test_isinf_positive node/test_isnan
    `),
  },
  {
    reason: 'JSON has no NaN and no infinity for an answer either.',
    says: /not finite and can't be sent as JSON/,
    encodings: ['json'],
    cases: names(`
      node/test_cast_STRING_to_FLOAT node/test_castlike_STRING_to_FLOAT node/test_castlike_STRING_to_FLOAT_expanded pytorch-operator/test_operator_sqrt
    `),
  },
  {
    reason: 'Its million numbers are more JSON than a request may have.',
    says: /exceeds maximum size of \d+; send binary tensor data/,
    encodings: ['json'],
    cases: names(`
      pytorch-converted/test_MaxPool1d_stride_padding_dilation pytorch-converted/test_MaxPool2d_stride_padding_dilation
    `),
  },
  {
    reason: 'As lists of contents its numbers are more of a message than may be beside raw bytes.',
    says: /beside raw_input_contents exceeds maximum size of \d+/,
    encodings: ['contents'],
    cases: names(`
      pytorch-converted/test_MaxPool2d_stride_padding_dilation pytorch-operator/test_operator_conv
    `),
  },
  {
    reason: 'A model without inputs has nothing that could be asked: the protocol wants at least one.',
    says: /names no inputs or no outputs/,
    encodings: ENCODINGS,
    cases: names(`
      node/test_constant
    `),
  },
];

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
